import { testBatches } from './batch-tests.ts'

testBatches(({ trials }) => trials.every(({ mirrors }) => mirrors === undefined))
