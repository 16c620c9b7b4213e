import { renewHome } from './harness/sshd.ts'

// Before each file of tests: they share processes, and processes of later runs get the same accounts.
await renewHome()
