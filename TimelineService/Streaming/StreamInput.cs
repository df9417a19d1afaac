using System.Globalization;
using Floodgate.Problems;
using Floodgate.Sessions;

namespace Floodgate.TimelineService.Streaming;

/// <summary>What a client wants to be told.</summary>
/// <param name="Limit">How many posts its screen holds, 1 to 100.</param>
/// <param name="Resume">How far an earlier stream had got; null to begin with now.</param>
internal readonly record struct StreamInput(int Limit, StreamPlace? Resume)
{
    /// <summary>The header in which a client says where it was (https://html.spec.whatwg.org/multipage/server-sent-events.html#the-last-event-id-header).</summary>
    public const string LastEventIdHeader = "Last-Event-ID";

    // For clients that cannot set a header on their first connection. On later ones they send the header, which is newer.
    private const string LastEventIdQuery = "lastEventId";

    private const int DefaultLimit = 20;
    private const int MaximumLimit = 100;

    /// <exception cref="InvalidInputException">The limit or the id is wrong.</exception>
    public static StreamInput Read(HttpRequest request, StreamPlaceCodec places)
    {
        var limit = DefaultLimit;
        if (request.Query.TryGetValue("limit", out var limitText)
            && (!int.TryParse(limitText, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MaximumLimit))
        {
            throw new InvalidInputException("limit", "This must be a whole number from 1 to 100.");
        }

        var header = request.Headers[LastEventIdHeader].ToString();
        var id = header.Length > 0 ? header : request.Query[LastEventIdQuery].ToString();
        if (id.Length == 0)
        {
            return new StreamInput(limit, Resume: null);
        }

        return places.TryRead(id, out var place)
            ? new StreamInput(limit, place)
            : throw new InvalidInputException(LastEventIdHeader, "This is not an id that a stream gave.");
    }
}
