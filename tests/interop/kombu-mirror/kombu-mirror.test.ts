import { testBatches } from '../batch-tests.ts'

testBatches(({ trials }) => trials.some(({ mirrors }) => mirrors !== undefined))
