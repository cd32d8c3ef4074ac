/**
 * The suites that every transport and every result store must pass, against the real thing.
 *
 * @module
 */
export type { Case, Subject } from './case.ts'
export type { ResultStoreSetup } from './result-store/setup.ts'
export { testResultStore } from './result-store/test-result-store.ts'
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
