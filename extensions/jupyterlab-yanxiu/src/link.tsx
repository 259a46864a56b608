/** What leads out of JupyterLab: links to pages of the portal, and to nothing else. */

import * as React from 'react';

/** A link that leaves JupyterLab for the portal, in a tab of its own. */
export function ExternalLink(props: {
  href: string;
  label: string;
  children: React.ReactNode;
}): React.JSX.Element | null {
  // Only a page of this site, never javascript: or another host.
  if (!/^\/(?!\/)/.test(props.href)) {
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
