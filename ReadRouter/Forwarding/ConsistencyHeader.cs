using Floodgate.Problems;
using Floodgate.ReadRouter.Choice;
using Floodgate.ReadRouter.Sessions;

namespace Floodgate.ReadRouter.Forwarding;

/// <summary>Reads <c>Floodgate-Consistency</c>.</summary>
internal static class ConsistencyHeader
{
    /// <exception cref="InvalidInputException">The header holds something else.</exception>
    public static Consistency Read(HttpRequest request)
    {
        string? text = request.Headers[SessionHeaders.Consistency];
        return text switch
        {
            null or "" or "session" => Consistency.Session,
            "eventual" => Consistency.Eventual,
            "strong" => Consistency.Strong,
            _ => throw new InvalidInputException(SessionHeaders.Consistency, "Must be eventual, session or strong."),
        };
    }
}
