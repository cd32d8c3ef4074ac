/** Celery's keys, with a prefix in front of all of them. */
export class ResultKeys {
  readonly #prefix: string

  /** @param prefix Celery's `global_keyprefix`: an underscore follows it, unless it ends in one of `: _ - .`. */
  constructor(prefix: string) {
    this.#prefix = prefix === '' || /[:_.-]$/.test(prefix) ? prefix : `${prefix}_`
  }

  /** Also the channel on which changes are told. */
  task(taskId: string): string {
    return `${this.#prefix}celery-task-meta-${taskId}`
  }

  group(groupId: string): string {
    return `${this.#prefix}celery-taskset-meta-${groupId}`
  }
}
