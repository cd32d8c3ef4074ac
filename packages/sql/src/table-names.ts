/** The names of all tables, quoted for SQL. Kombu's two can be chosen; ours follow them. */
export interface TableNames {
  readonly queue: string
  readonly message: string
  readonly lease: string
  readonly holder: string
  readonly priority: string
  readonly queueOption: string
  readonly consumer: string
  readonly exchange: string
  readonly binding: string
  readonly item: string
  readonly state: string
  /** Prefix of index names. */
  readonly messageIndex: string
  readonly queueIndex: string
  readonly itemIndex: string
}

const kombuQueue = 'kombu_queue'
const kombuMessage = 'kombu_message'

/**
 * Tables of one message store.
 *
 * Two stores with different names can share a file: everything of ours carries the message table's
 * name unless that is Kombu's default.
 */
export function tableNames(queueTablename: string, messageTablename: string): TableNames {
  const isDefault = queueTablename === kombuQueue && messageTablename === kombuMessage
  const suffix = isDefault ? '' : `_${messageTablename}`
  const own = (name: string) => `"dashi_${name}${suffix}"`
  return {
    queue: `"${queueTablename}"`,
    message: `"${messageTablename}"`,
    lease: own('lease'),
    holder: own('holder'),
    priority: own('priority'),
    queueOption: own('queue_option'),
    consumer: own('consumer'),
    exchange: own('exchange'),
    binding: own('binding'),
    item: own('item'),
    state: own('state'),
    messageIndex: own('waiting'),
    queueIndex: own('binding_queue'),
    itemIndex: own('item_order'),
  }
}

/** What a table name may be: it becomes part of SQL. */
export const tableNamePattern: RegExp = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/
