// The stored theme before anything is painted. A classic script, because modules run too late for that.
{
  const stored = /(?:^|; )theme=(dark|light)(?:;|$)/.exec(document.cookie);
  if (stored) document.documentElement.dataset.theme = stored[1];
}
