using Floodgate.Nodes;

namespace Floodgate.TimelineService.Input;

/// <summary>The list that a request pages through, for its cursors.</summary>
internal static class PagedList
{
    private const string HomeTimeline = "/timeline";

    /// <summary>Names it: a home timeline by its user, whom its path does not tell; any other by its path.</summary>
    public static string Of(HttpContext context) => context.Request.Path.StartsWithSegments(HomeTimeline, StringComparison.OrdinalIgnoreCase)
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{HomeTimeline} {context.FindUser()}")
        : context.Request.Path.ToString().TrimEnd('/').ToUpperInvariant();
}
