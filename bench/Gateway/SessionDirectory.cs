using System.Text.Json;

namespace Floodgate.Bench.Gateway;

/// <summary>
/// The sessions of all users, each opened when its user acts for the first time. Different users may be asked for at
/// once, the same user only by one caller at a time.
/// </summary>
/// <param name="client">The gateway.</param>
/// <param name="ids">The id of each user, by index.</param>
/// <param name="time">The clock.</param>
internal sealed class SessionDirectory(GatewayClient client, IReadOnlyList<long> ids, TimeProvider time)
{
    // A bearer token is asked for anew after this time, so that a slow replay does not outlive it.
    private static readonly TimeSpan BearerLifetime = TimeSpan.FromMinutes(20);

    private readonly UserSession?[] _sessions = new UserSession?[ids.Count];

    /// <summary>The session of a user with a bearer token, or null where none could be had.</summary>
    public async ValueTask<UserSession?> OpenAsync(int user, CancellationToken cancellation)
    {
        var session = _sessions[user] ??= new UserSession(ids[user]);
        if (session.Authorization is not null && time.GetElapsedTime(session.AuthorizedAt) < BearerLifetime) return session;

        var call = new GatewayCall(CallKind.Token, HttpMethod.Post, "/dev/token")
        {
            Body = JsonSerializer.SerializeToUtf8Bytes(new TokenRequest(session.User), GatewayJson.Default.TokenRequest),
        };
        var answer = await client.CallAsync(call, GatewayJson.Default.TokenAnswer, cancellation);
        if (answer.Value is null) return null;
        session.Authorization = $"Bearer {answer.Value.Token}";
        session.AuthorizedAt = time.GetTimestamp();
        return session;
    }
}
