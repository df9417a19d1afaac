namespace Floodgate.Bench.Consistency.Histories;

/// <summary>Which posts a page of posts would hold: those of an author, or of the session's home timeline, in a range of ids.</summary>
/// <param name="Author">The author's session; null for the home timeline of the session that reads.</param>
/// <param name="Above">Only ids above this one: the last one on the page, or 0 where no page follows.</param>
/// <param name="Below">Only ids below this one: the last one of the page before.</param>
internal sealed record PageScope(int? Author, long Above, long Below)
{
    /// <summary>Whether a post's id lies in the range, its ends left out.</summary>
    public bool Covers(long post) => post > Above && post < Below;

    /// <inheritdoc/>
    public override string ToString() => Author is { } author ? FormattableString.Invariant($"the posts of {author}") : "its timeline";
}
