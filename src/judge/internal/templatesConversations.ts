/** Ready-made criteria for whole conversations. */
import { oneToFive, template } from "./template.ts"

export const conversations = {
  conversationCoherence: template(
    `The conversation holds together: each turn answers the one before, nothing said earlier is forgotten or contradicted, and changes of subject can be followed. 5: throughout; 3: with breaks; 1: it cannot be followed.`,
    ["conversation"],
    oneToFive
  ),
  conversationResolution: template(
    `At the end of the conversation, what the user came for is settled: answered, done, or handed over in a way that the user accepted. Each matter that was raised counts.`,
    ["conversation"]
  ),
  conversationQuality: template(
    `The agent conducts the conversation well: it understands what the customer wants, answers it correctly by what is shown, is clear and courteous, and wastes no turns. 5: throughout; 3: with lapses; 1: the customer is worse off.`,
    ["conversation"],
    oneToFive
  ),
  clarificationSeeking: template(
    `Where a request could mean several things, or lacked something needed, the agent asked before it acted; where it was clear, it did not ask. A conversation without such a request meets this.`,
    ["conversation"]
  ),
  contextRetention: template(
    `The agent remembers what was said: it does not ask again for what it was told, and uses earlier facts where they bear on later turns. 5: throughout; 3: it forgets minor things; 1: it starts anew with each turn.`,
    ["conversation"],
    oneToFive
  ),
  humanEscalation: template(
    `The agent hands over to a human where it should (it was asked to, it cannot help, or the matter is grave), in good time and saying what happens next, and does not where it need not.`,
    ["conversation"]
  ),
  interruptionHandling: template(
    `Where the customer interrupts, corrects or changes the subject, the agent takes that up at once and does not go on with what it was saying. A conversation without an interruption meets this.`,
    ["conversation"]
  ),
  languageHandling: template(
    `The agent speaks the language of the customer, and follows when it changes, without mixing languages or misunderstanding dialect, spelling mistakes and the like.`,
    ["conversation"]
  ),
  conversationLoop: template(
    `The agent goes round in circles: it repeats the same question, answer or step although it has led nowhere. Repeating something because the customer asked for it is none. The verdict is true if there is such a loop.`,
    ["conversation"]
  ),
  objectionHandling: template(
    `Where the customer objects or complains, the agent takes the objection up, answers what it is about, and neither ignores nor argues it away. 5: each one; 3: some; 1: none. A conversation without an objection is a 5.`,
    ["conversation"],
    oneToFive
  ),
  promptConformance: template(
    `The agent keeps to its instructions in every turn: role, tone, scope, what it must say and must not. One turn that does not is enough for false.`,
    ["instructions", "conversation"]
  ),
  queryHandling: template(
    `Each question of the customer is answered: correctly by what is shown, to the point, and in a form that the customer can use. 5: each one; 3: some; 1: none.`,
    ["conversation"],
    oneToFive
  ),
  terminationHandling: template(
    `The conversation ends as it should: not before the matter is settled or handed over, with what happens next said, and without being drawn out after that.`,
    ["conversation"]
  )
} as const
