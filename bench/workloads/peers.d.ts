/** The peers are installed for measuring only; without them, their types are not known. */
declare module "agentevals"
declare module "autoevals"
declare module "openevals"
