/**
 * The suite that every transport must pass, against the real broker.
 *
 * @module
 */
export type { Case, Subject } from './case.ts'
export type { Expect, Matchers, Runner } from './runner.ts'
export type {
  BrokerFaults,
  BrokerRefusal,
  ProcessAccess,
  TransportOverrides,
  TransportSetup,
  UnreachableTransport,
} from './setup.ts'
export { type SilentServer, silentServer } from './stage/silent-server.ts'
export { type ChosenGroup, casesFor, runCase, subjectOf, testTransport } from './test-transport.ts'
