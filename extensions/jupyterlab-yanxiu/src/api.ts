/**
 * The server extension over HTTP, in the panel's language.
 *
 * Decides what a broken answer means. JupyterLab's own `ServerConnection` brings login and
 * XSRF token; no other host is ever asked. Used by `model.ts`, `autorun.ts`, `idle.ts`.
 */

import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type {
  IApi,
  IConfirm,
  ICourseCells,
  IFeedback,
  IIdle,
  IJob,
  ITask,
  IUnits
} from './types';
import { Trouble } from './types';
import type { Words } from './words';

export class Api implements IApi {
  constructor(
    private readonly settings: ServerConnection.ISettings,
    private readonly words: Words
  ) {}

  units = (): Promise<IUnits> => this.ask('GET', ['units']);

  tasks = async (assignment: string): Promise<ITask[]> =>
    (await this.ask<{ tasks: ITask[] }>('GET', ['units', assignment, 'tasks'])).tasks;

  open = async (assignment: string, choice: string): Promise<string> =>
    (await this.ask<{ path: string }>('POST', ['units', assignment, 'open'], { choice })).path;

  choose = async (assignment: string, folder: string): Promise<string> =>
    (await this.ask<{ path: string }>('POST', ['units', assignment, 'choose'], { folder }))
      .path;

  submit = (assignment: string, confirmed: boolean): Promise<IJob | IConfirm> =>
    this.ask('POST', ['units', assignment, 'submit'], { confirmed });

  job = (assignment: string): Promise<IJob> => this.ask('GET', ['units', assignment, 'submit']);

  feedback = (assignment: string): Promise<IFeedback> =>
    this.ask('GET', ['units', assignment, 'feedback']);

  courseCells = (path: string): Promise<ICourseCells> =>
    this.ask('GET', ['notebook'], undefined, `?path=${encodeURIComponent(path)}`);

  idle = (): Promise<IIdle> => this.ask('GET', ['idle']);

  here = (): Promise<IIdle> => this.ask('POST', ['here'], {});

  private async ask<T>(
    method: string,
    parts: string[],
    body?: Record<string, unknown>,
    query = ''
  ): Promise<T> {
    const url = URLExt.join(
      this.settings.baseUrl,
      'yanxiu/api',
      ...parts.map(part => encodeURIComponent(part))
    );
    const init: RequestInit = {
      method,
      headers: { 'Accept-Language': this.words.language === 'en' ? 'en' : 'zh-CN' },
      ...(body ? { body: JSON.stringify(body) } : {})
    };
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(url + query, init, this.settings);
    } catch {
      throw new Trouble(this.words.say('away'), 'network');
    }
    let answer: any;
    try {
      answer = await response.json();
    } catch {
      answer = null;
    }
    if (response.ok && answer !== null) {
      return answer;
    }
    // A sentence of ours comes with a code; Jupyter's and the hub's own refusals are English.
    if (answer?.code && answer.message) {
      throw new Trouble(answer.message, answer.code);
    }
    if (response.status === 401 || response.status === 403) {
      throw new Trouble(this.words.say('login'), 'login');
    }
    throw new Trouble(this.words.say('away'), `status-${response.status}`);
  }
}
