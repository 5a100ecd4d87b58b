/** A stand-in for LangSmith in a process of its own: prints its port, counts what it gets, and ends with its parent. */
import { Stub } from "../../test/langsmith/stub.ts"

const stub = await new Stub({ counting: true, examples: Number(process.argv[2] ?? 0) }).start()
process.stdout.write(`${stub.port}\n`)
process.stdin.on("end", () => process.exit(0)).resume()
