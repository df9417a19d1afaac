using System.Net.Sockets;
using System.Text.Json;
using Floodgate.SystemTests.Running;

namespace Floodgate.SystemTests.Chaos;

/// <summary>One write through the gateway, and what its answer tells the caller.</summary>
internal static class ChaosCall
{
    /// <summary>Sends it.</summary>
    /// <returns>What became of it; the answer's body if it was acknowledged; what is wrong with the answer, if anything is.</returns>
    public static async Task<(Outcome Outcome, JsonElement? Body, string? Fault)> SendAsync(
        UserSession user, HttpMethod method, string path, long? by, string? idempotencyKey, CancellationToken cancellationToken)
    {
        (string, string)[] headers = idempotencyKey is null ? [] : [("Idempotency-Key", idempotencyKey)];
        try
        {
            using var answer = await user.SendAsync(method, path, by is null ? null : new { by }, cancellationToken, headers);
            var text = await answer.Content.ReadAsStringAsync(cancellationToken);
            var noRetryAfter = answer.Headers.RetryAfter is null ? $"{method} {path}: {(int)answer.StatusCode} without Retry-After" : null;
            return answer.StatusCode switch
            {
                HttpStatusCode.OK or HttpStatusCode.Accepted => (Outcome.Acknowledged, JsonSerializer.Deserialize<JsonElement>(text), null),
                HttpStatusCode.TooManyRequests => (Outcome.Refused, null, noRetryAfter),
                HttpStatusCode.ServiceUnavailable => (Outcome.Unknown, null, noRetryAfter),
                var other => (Outcome.Unknown, null, $"{method} {path} gave {(int)other}: {text}"),
            };
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException or IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return (Outcome.Unknown, null, null);
        }
    }
}
