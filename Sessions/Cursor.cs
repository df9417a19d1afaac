namespace Floodgate.Sessions;

/// <summary>
/// Where a page ended: the id of its last post and the position it was read at. The next page holds ids below
/// <see cref="Before"/> and is read at or past <see cref="Position"/>, so that pages of one walk never go back in time.
/// </summary>
/// <param name="Before">The id of the last post of the page before.</param>
/// <param name="Position">The position that page was read at.</param>
public readonly record struct Cursor(long Before, WalPosition Position);
