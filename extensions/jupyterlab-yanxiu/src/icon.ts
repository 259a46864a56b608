/** The panel's picture: a book with a tick. Follows the theme by JupyterLab's own class. */

import { LabIcon } from '@jupyterlab/ui-components';

export const icon = new LabIcon({
  name: 'yanxiu:panel',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <path class="jp-icon3" fill="#616161" d="M4 4.5A2.5 2.5 0 0 1 6.5 2H20v15.5H6.5A1 1 0 0 0 6.5 19.5H20V22H6.5A2.5 2.5 0 0 1 4 19.5v-15zm6.9 9.3 6-6-1.4-1.4-4.6 4.6-1.9-1.9-1.4 1.4 3.3 3.3z"/>
</svg>`
});
