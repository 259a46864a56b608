/** A button that keeps the keyboard's place while it can do nothing. See `panel.tsx`. */

import * as React from 'react';

interface IProps {
  /** Something is on its way: a press does nothing, and a screen reader is told. */
  busy?: boolean;
  kind?: '' | 'first' | 'small' | 'plain';
  about?: string;
  focusRef?: React.Ref<HTMLButtonElement>;
  onPress: () => unknown;
  children: React.ReactNode;
}

/** `disabled` would throw the focus back to the top of the page. */
export function Button(props: IProps): React.JSX.Element {
  const { busy = false, kind = '', about, focusRef, onPress, children } = props;
  const look = kind === 'plain' ? 'yx-plain' : `yx-button ${kind && `yx-${kind}`}`;
  return (
    <button
      type="button"
      ref={focusRef}
      className={look.trim()}
      aria-disabled={busy}
      aria-describedby={about}
      onClick={() => void (busy || onPress())}
    >
      {children}
    </button>
  );
}

/** Return a ref for the button that a question begins with: it gets the focus. */
export function useFirst(): React.Ref<HTMLButtonElement> {
  const first = React.useRef<HTMLButtonElement>(null);
  // The question came because a button was pressed: go where it is answered.
  React.useEffect(() => first.current?.focus(), []);
  return first;
}

/**
 * Return a ref for a card whose questions come and go: when the one with the focus is
 * gone, the card's first button gets it. Who is elsewhere stays there.
 */
export function useKeptFocus(question: string): React.Ref<HTMLLIElement> {
  const card = React.useRef<HTMLLIElement>(null);
  const before = React.useRef(question);
  React.useEffect(() => {
    if (before.current !== question && document.activeElement === document.body) {
      card.current?.querySelector('button')?.focus();
    }
    before.current = question;
  }, [question]);
  return card;
}
