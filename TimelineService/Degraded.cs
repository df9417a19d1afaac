namespace Floodgate.TimelineService;

/// <summary>Tells the caller what an answer had to do without.</summary>
internal static class Degraded
{
    /// <summary>The response header: <c>likes</c> (omitted from the posts) or <c>timelines</c> (the page was made from SQL).</summary>
    public const string Header = "Floodgate-Degraded";

    public const string Likes = "likes";

    public const string Timelines = "timelines";

    public static void MarkDegraded(this HttpContext context, string what) => context.Response.Headers.Append(Header, what);
}
