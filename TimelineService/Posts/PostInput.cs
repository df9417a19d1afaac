using Floodgate.Problems;
using Floodgate.TimelineService.Input;

namespace Floodgate.TimelineService.Posts;

/// <summary>What a caller sends to write a post.</summary>
internal static class PostInput
{
    /// <summary>In Unicode code points.</summary>
    public const int MaximumText = 5000;

    private const int MaximumKey = 200;
    private const string KeyHeader = "Idempotency-Key";

    /// <exception cref="InvalidInputException">It is not a text that can be stored.</exception>
    public static string ReadText(PostText body) =>
        TextInput.FindFault(body.Text, MaximumText) is { } fault ? throw new InvalidInputException("text", fault) : body.Text!;

    /// <summary>The Idempotency-Key; null where there is none.</summary>
    /// <exception cref="InvalidInputException">It is not one.</exception>
    public static string? ReadKey(HttpRequest request)
    {
        var values = request.Headers[KeyHeader];
        string? key = values;
        return values.Count > 1 || key is not null && (key.Length is 0 or > MaximumKey || key.AsSpan().ContainsAnyExceptInRange('!', '~'))
            ? throw new InvalidInputException(KeyHeader, $"This must be 1 to {MaximumKey} visible ASCII characters, and there may be one.")
            : key;
    }
}
