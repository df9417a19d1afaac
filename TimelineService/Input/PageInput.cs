using System.Globalization;
using Floodgate.Nodes;
using Floodgate.Problems;
using Floodgate.Sessions;

namespace Floodgate.TimelineService.Input;

/// <summary>Which page is asked for, and where it must be read.</summary>
/// <param name="Limit">How many posts, 1 to 100.</param>
/// <param name="Before">Only posts with a smaller id.</param>
/// <param name="Where">The node, and how far it must be: past the session and past the page before.</param>
internal readonly record struct PageInput(int Limit, long Before, NodeRead Where)
{
    private const int DefaultLimit = 20;
    private const int MaximumLimit = 100;

    /// <exception cref="InvalidInputException">The limit or the cursor is wrong.</exception>
    public static PageInput Read(HttpContext context, CursorCodec cursors)
    {
        var query = context.Request.Query;
        var limit = DefaultLimit;
        if (query.TryGetValue("limit", out var limitText)
            && (!int.TryParse(limitText, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MaximumLimit))
        {
            throw new InvalidInputException("limit", "This must be a whole number from 1 to 100.");
        }

        if (!query.TryGetValue("before", out var beforeText))
        {
            return new PageInput(limit, IdInput.End, context.GetNodeRead());
        }

        return cursors.TryRead(beforeText, PagedList.Of(context), out var cursor) && IdInput.IsValid(cursor.Before)
            ? new PageInput(limit, cursor.Before, context.GetNodeRead(past: cursor.Position))
            : throw new InvalidInputException("before", "This is not a cursor that a page of this list gave as its next.");
    }
}
