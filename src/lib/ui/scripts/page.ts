/** The one script every end-user page loads. Each part adds comfort to a page that is complete without it. */
import { acceptCodes } from './accept-codes';
import { adviseOnStrength } from './advise-on-strength';
import { countDown } from './count-down';
import { forgetPost } from './forget-post';
import { guardSubmits } from './guard-submits';
import { revealPasswords } from './reveal-passwords';

forgetPost(history);
guardSubmits(document);
revealPasswords(document);
adviseOnStrength(document);
acceptCodes(document);
countDown(document);
