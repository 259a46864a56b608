/**
 * Every sentence of the panel, Chinese and English.
 *
 * Decides the words and nothing else. Chinese is the source; English is for a JupyterLab that
 * is set to another language than Chinese. What the platform says comes in `{zh_CN, en}`.
 */

export type Language = 'zh_CN' | 'en';

/** A text of the platform. */
export interface IText {
  zh_CN?: string;
  en?: string;
}

const TABLE = {
  panel: ['研修', 'Training'],
  showPanel: ['显示研修面板', 'Show the training panel'],
  my_units: ['我的单元', 'My units'],
  refresh: ['刷新', 'Refresh'],
  portal: ['研修门户', 'Portal'],
  portal_of: ['在门户中查看“{title}”', 'See “{title}” in the portal'],
  unit_page: ['单元页面', 'Unit page'],
  new_window: ['（新窗口）', '(new window)'],
  none: [
    '您现在没有要学的单元。选好课程以后，单元会出现在这里。',
    'You have no units now. They appear here once you have chosen a course.'
  ],
  away: [
    '连不上 Jupyter 服务器。您的文件没有受影响，网络恢复后会自动重试。',
    'The Jupyter server cannot be reached. Your files are safe; the panel tries again by itself.'
  ],
  old_news: ['（以下是上次看到的情况）', '(below is what was last seen)'],
  login: [
    '登录已经过期。请保存好正在编辑的内容，重新登录研修门户，再刷新这个页面。',
    'Your login has expired. Please save your work, log in to the portal again and reload this page.'
  ],
  // states of a unit
  passed: ['已通过', 'passed'],
  failed: ['未通过', 'not passed'],
  released: ['成绩已发布', 'marks released'],
  queued: ['已提交，等待批改', 'submitted, to be graded'],
  grading: ['评阅中', 'being graded'],
  manual: ['已提交，等待人工处理', 'submitted, somebody looks at it'],
  waiting: ['已提交，待批改', 'submitted, to be marked'],
  marked: ['已提交，等待发布成绩', 'submitted, marks to be released'],
  superseded: ['已有新的提交', 'a newer attempt took its place'],
  not_open: ['未开始', 'not open yet'],
  closed: ['已截止', 'closed'],
  begun: ['进行中', 'in progress'],
  to_do: ['待完成', 'to do'],
  // deadlines, Beijing time
  opens: ['{when} 开始', 'opens {when}'],
  due: ['截止 {when}', 'due {when}'],
  days_left: ['还有 {n} 天', '{n} days left'],
  day_left: ['还有 1 天', '1 day left'],
  hours_left: ['还有 {n} 小时', '{n} h left'],
  minutes_left: ['还有 {n} 分钟', '{n} min left'],
  late_until: ['已过截止时间，可补交到 {when}', 'late; accepted until {when}'],
  over: ['已于 {when} 截止', 'closed since {when}'],
  attempts: ['已交 {n} 次', 'Attempts: {n}'],
  attempts_of: ['已交 {n} / {most} 次', 'Attempts: {n} of {most}'],
  // tasks
  tasks: ['做完 {done} / {total} 题', '{done} of {total} tasks done'],
  task_done: ['已完成', 'done'],
  task_open: ['未完成', 'to do'],
  // the notebook
  saved: ['笔记本已保存', 'Notebook saved'],
  unsaved: ['笔记本有未保存的改动', 'Notebook has unsaved changes'],
  // opening
  open: ['打开', 'Open'],
  opening: ['正在打开……', 'Opening…'],
  fetching: ['正在取回单元……', 'Fetching the unit…'],
  opened: ['已打开“{title}”。', 'Opened “{title}”.'],
  newer: [
    '平台有这个单元的新版本。您的文件“{folder}”不会被改动。',
    'The platform has a newer version of this unit. Your folder “{folder}” will not be changed.'
  ],
  newer_badge: ['有新版本', 'newer version'],
  keep: ['继续用我的', 'Go on with mine'],
  beside: ['把新版本放在旁边', 'Put the new version beside it'],
  folder: ['文件夹', 'Folder'],
  other_folder: ['换到文件夹“{folder}”', 'Go to folder “{folder}”'],
  cancel: ['取消', 'Cancel'],
  // submitting
  submit: ['提交', 'Submit'],
  submit_anyway: ['仍要提交', 'Submit anyway'],
  go_on: ['继续做', 'Go on working'],
  missing: ['还有 {n} 题没有做完：{titles}。', '{n} tasks are not done: {titles}.'],
  saving: ['正在保存笔记本……', 'Saving the notebook…'],
  not_saved: [
    '笔记本没有保存成功，所以还没有提交。请先点“保存”，再试一次。',
    'The notebook could not be saved, so nothing was submitted. Please save it, then try again.'
  ],
  packing: ['正在打包……', 'Packing…'],
  sending: [
    '正在上传 {sent} / {total}（{percent}%）',
    'Sending {sent} of {total} ({percent}%)'
  ],
  progress_of: ['提交“{title}”的进度', 'Progress of submitting “{title}”'],
  interrupted: [
    '上次提交没有完成。您的内容都在，再试会接着传，不会多算一次。',
    'The last submit was not finished. Your work is safe; trying again goes on from there and counts once.'
  ],
  again: ['再试一次', 'Try again'],
  received: ['已收到。', 'Received.'],
  receipt: ['回执编号', 'Receipt'],
  attempt: ['第几次提交', 'Attempt'],
  received_at: ['服务器时间', 'Server time'],
  late: ['迟交', 'late'],
  see_receipt: ['查看回执', 'See the receipt'],
  // feedback
  feedback: ['看评语', 'Feedback'],
  feedback_of: ['评语：{title}', 'Feedback: {title}'],
  points: ['{points} / {max} 分', '{points} / {max} points'],
  total: ['总分', 'Total'],
  overall: ['总评', 'Overall comment'],
  machine: ['自动检查', 'Checked automatically'],
  teacher: ['评语', 'Comment'],
  no_comment: ['没有文字评语。', 'No comment in words.'],
  // idle stop
  idle: [
    '已有一段时间没有操作，服务器将在大约 {n} 分钟后停止（文件都会保留，正在运行的代码会中断）。',
    'Nothing was done for a while; the server stops in about {n} minutes (files are kept, running code ends).'
  ],
  here: ['我还在', 'I am still here'],
  here_failed: [
    '没能告诉服务器您还在：{why}',
    'The server could not be told that you are here: {why}'
  ]
} as const;

export type Word = keyof typeof TABLE;

/** The panel's language for JupyterLab's: `zh_CN`, `zh-TW`, … are Chinese, all else English. */
export function languageOf(code: string): Language {
  return code.toLowerCase().startsWith('zh') ? 'zh_CN' : 'en';
}

/** Says sentences in one language. */
export class Words {
  constructor(readonly language: Language) {}

  /** Return the sentence called `word`, filled. */
  say = (word: Word, params: Record<string, string | number> = {}): string => {
    const text = TABLE[word][this.language === 'en' ? 1 : 0] as string;
    return text.replace(/\{(\w+)\}/g, (whole, name) =>
      name in params ? String(params[name]) : whole
    );
  };

  /** Return the reader's side of a text of the platform; Chinese if there is no other. */
  pick = (text: IText | string | null | undefined): string => {
    if (typeof text === 'string') {
      return text;
    }
    return (text && (text[this.language] || text.zh_CN || text.en)) || '';
  };

  /** Join names as the language does. */
  list = (names: string[]): string => names.join(this.language === 'en' ? ', ' : '、');
}
