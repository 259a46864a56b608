/** What leads out of JupyterLab: links to pages of the portal, and to nothing else. */

import { PageConfig } from '@jupyterlab/coreutils';
import * as React from 'react';

/** Whether an address is a page of this site: never javascript: or another host. */
function isOurs(href: string): boolean {
  // Portal and hub have a host of their own; where they have not, the hub names none.
  const hub = PageConfig.getOption('hubHost');
  return /^\/(?!\/)/.test(href) || (hub !== '' && href.startsWith(`${hub}/`));
}

/** A link that leaves JupyterLab for the portal, in a tab of its own. */
export function ExternalLink(props: {
  href: string;
  label: string;
  children: React.ReactNode;
}): React.JSX.Element | null {
  if (!isOurs(props.href)) {
    return null;
  }
  return (
    <a
      className="yx-link"
      href={props.href}
      target="_blank"
      rel="noopener"
      aria-label={props.label}
    >
      {props.children}
    </a>
  );
}
