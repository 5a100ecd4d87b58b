export const outputs: ReadonlyArray<{ readonly entry: string; readonly file: string }>
export const bundle: (entry: string) => Promise<string>
