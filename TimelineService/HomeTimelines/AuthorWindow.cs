namespace Floodgate.TimelineService.HomeTimelines;

/// <summary>The newest posts of an author, as many as a timeline holds.</summary>
/// <param name="Posts">Their ids, newest first.</param>
/// <param name="Floor">From which id on they are all of the author's; 0: all there are.</param>
internal readonly record struct AuthorWindow(List<long> Posts, long Floor)
{
    /// <summary>Cuts what was read to the cap.</summary>
    /// <param name="newest">The newest ids, newest first, one more than the cap where there are so many: so that it is known whether there are others. It is cut.</param>
    /// <param name="cap">How many a timeline holds.</param>
    public static AuthorWindow Of(List<long> newest, int cap)
    {
        if (newest.Count <= cap)
        {
            return new AuthorWindow(newest, Floor: 0);
        }

        newest.RemoveRange(cap, newest.Count - cap);
        return new AuthorWindow(newest, newest[^1]);
    }
}
