// Section 3: a cart in the session. The server keeps it; the page shows what the server says.
import { session } from "../pkg/index.js";
import { copyOf, inTurn, part, setText, showVerdict, syncRows } from "./dom.js";
import { explain } from "./problem.js";
import { t } from "./text.js";

const GOODS = ["plum jam", "ginger", "pear", "honey"];

/** `onChange()` is called after each change of the session. */
export function startCart({ onChange }) {
  const list = part("cart-list");
  const verdict = part("cart-verdict");
  let shown = [];

  function show(view) {
    shown = itemsOf(view.data?.cart);
    setText(part("cart-sum"), t("cart.sum", { count: shown.length }));
    syncRows(list, GOODS, "good", make, update);
    if (shown.length === 0) showVerdict(verdict, "unsure", "0", t("cart.empty"));
    else showVerdict(verdict, "good", String(shown.length), t("cart.kept", { count: shown.length }));
  }

  function make(good) {
    const row = copyOf("cart-row", { name: t(`cart.${good}`) });
    const [more, less] = [part("cart-more", row), part("cart-less", row)];
    more.ariaLabel = t("cart.more", { name: t(`cart.${good}`) });
    less.ariaLabel = t("cart.less", { name: t(`cart.${good}`) });
    more.addEventListener("click", () => change(items => [...items, good]));
    less.addEventListener("click", () => change(items => items.toSpliced(items.lastIndexOf(good), items.includes(good) ? 1 : 0)));
    return row;
  }

  function update(row, good) {
    const count = shown.filter(item => item === good).length;
    setText(row.querySelector('[data-slot="value"]'), `× ${count}`);
    row.dataset.count = String(count);
    // Not disabled, so that the focus stays where it is.
    part("cart-less", row).ariaDisabled = String(count === 0);
  }

  /** The server takes the new cart only if nobody has changed the session since; else this is done again. */
  function change(successor) {
    return inTurn(list, async () => {
      try {
        await session.update("cart", cart => {
          const items = successor(itemsOf(cart));
          return { ...cart, items, n: items.length };
        });
        await onChange();
      } catch (error) {
        const problem = explain(error);
        showVerdict(verdict, "bad", problem.code, problem.sentence);
      }
    });
  }

  show({});
  return { show };
}

/** Section 2 lets people put anything under this key. */
function itemsOf(cart) {
  return Array.isArray(cart?.items) ? cart.items : [];
}
