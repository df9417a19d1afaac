using System.Text;
using System.Text.Json;
using Floodgate.Bench.CommandLine;
using Floodgate.Bench.Consistency.Load;
using Floodgate.Bench.Counters.Load;

namespace Floodgate.Bench.Consistency.Overhead;

/// <summary>A user who writes posts for others to read.</summary>
internal sealed class PostWriter : IAsyncDisposable
{
    /// <summary>Its id.</summary>
    public const long User = 6_000_000;

    private const int MostToken = 1024;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;
    private readonly SessionClient _client;

    /// <summary>Prepares it.</summary>
    /// <param name="gateway">The router.</param>
    /// <param name="tokenKey">The key of bearer tokens.</param>
    /// <param name="time">The clock.</param>
    public PostWriter(Uri gateway, string tokenKey, TimeProvider time)
    {
        _http = new HttpClient(new SocketsHttpHandler { UseCookies = false, UseProxy = false, ActivityHeadersPropagator = null }) { Timeout = Timeout };
        Authorization = BearerOf(new BearerCaller(tokenKey, time), User);
        _client = new SessionClient(_http, new Door(PolicyName.Lsn, gateway), Authorization, new Random(0), time);
    }

    /// <summary>The value of the Authorization header.</summary>
    public string Authorization { get; }

    /// <summary>Its session token.</summary>
    public string Session => _client.Tokens.Held[0];

    /// <summary>The value of a user's Authorization header.</summary>
    public static string BearerOf(BearerCaller caller, long user)
    {
        Span<byte> token = stackalloc byte[MostToken];
        return "Bearer " + Encoding.ASCII.GetString(token[..caller.Write(user, token)]);
    }

    /// <summary>Writes posts.</summary>
    /// <returns>Their ids.</returns>
    /// <exception cref="RunFailedException">One is not taken.</exception>
    public async Task<IReadOnlyList<long>> WriteAsync(int count, CancellationToken cancellation)
    {
        var name = JsonSerializer.SerializeToUtf8Bytes(new ProbeName("writer"), ProbeJson.Default.ProbeName);
        await _client.SendAsync(HttpMethod.Put, FormattableString.Invariant($"/users/{User}"), name, ProbeJson.Default.ProbeNothing, cancellation);
        var text = JsonSerializer.SerializeToUtf8Bytes(new ProbeText("a post that is read often"), ProbeJson.Default.ProbeText);
        var posts = new List<long>(count);
        while (posts.Count < count)
        {
            var answer = await _client.SendAsync(HttpMethod.Post, "/posts", text, ProbeJson.Default.ProbePost, cancellation);
            posts.Add(answer.Value?.Id ?? throw new RunFailedException(FormattableString.Invariant($"POST /posts was answered {answer.Status}.")));
        }

        return posts;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }
}
