using System.Globalization;
using System.Text.Json;
using Floodgate.Bench.CommandLine;
using Floodgate.Bench.Gateway;

namespace Floodgate.Bench.Consistency.Load;

/// <summary>Many sessions that go on until they are told to stop.</summary>
internal sealed class ConsistencyLoad : IDisposable
{
    private const int Follows = 4;
    private const int SignInsAtOnce = 4;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private readonly HttpClient _http;
    private readonly TimeProvider _time;

    private ConsistencyLoad(LoadWorld world, HttpClient http, TimeProvider time) => (World, _http, _time) = (world, http, time);

    /// <summary>The sessions and what they did.</summary>
    public LoadWorld World { get; }

    /// <summary>Signs the sessions up, each as a user of its own who follows some of the others.</summary>
    /// <param name="doors">The ways into the system; sessions take them in turn.</param>
    /// <param name="sessions">How many sessions.</param>
    /// <param name="firstUser">The first user's id; the others follow it.</param>
    /// <param name="seed">Seed of all chance.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="RunFailedException">A user could not be signed up.</exception>
    public static async Task<ConsistencyLoad> SignUpAsync(
        IReadOnlyList<Door> doors, int sessions, long firstUser, int seed, TimeProvider time, CancellationToken cancellation)
    {
        // Many sessions share the connections: a cookie jar would give one's token to the next.
        var http = new HttpClient(new SocketsHttpHandler
        {
            UseCookies = false,
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectTimeout = ConnectTimeout,
            ActivityHeadersPropagator = null,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        var load = new ConsistencyLoad(new LoadWorld(string.Create(CultureInfo.InvariantCulture, $"run-{seed}-{firstUser}")), http, time);
        var random = new Random(seed);
        for (var number = 0; number < sessions; number++)
            load.World.Add(await load.SignUpAsync(doors[number % doors.Count], number, firstUser + number, new Random(random.Next()), cancellation));

        var draws = load.World.Sessions.Select(session => (Session: session, Others: random.GetItems([.. load.World.Sessions], Follows))).ToList();
        await Parallel.ForEachAsync(draws, new ParallelOptions { MaxDegreeOfParallelism = SignInsAtOnce, CancellationToken = cancellation }, async (draw, token) =>
        {
            foreach (var other in draw.Others.Where(other => other != draw.Session).Distinct())
                await draw.Session.FollowAsync(other, token);
        });
        return load;
    }

    /// <summary>Lets all sessions run.</summary>
    /// <param name="shape">What they do.</param>
    /// <param name="stop">Ends them after the step they are at.</param>
    /// <param name="cancellation">Ends them at once.</param>
    public Task RunAsync(LoadShape shape, CancellationToken stop, CancellationToken cancellation) =>
        Task.WhenAll(World.Sessions.Select(session => session.RunAsync(shape, stop, cancellation)));

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<LoadSession> SignUpAsync(Door door, int number, long user, Random random, CancellationToken cancellation)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new TokenRequest(user), GatewayJson.Default.TokenRequest);
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
        using var answer = await _http.PostAsync(new Uri(door.Gateway, "/dev/token"), content, cancellation);
        if (!answer.IsSuccessStatusCode) throw new RunFailedException($"{door.Gateway} gives no token: {(int)answer.StatusCode}.");
        var token = JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(cancellation), GatewayJson.Default.TokenAnswer)!.Token;
        var session = new LoadSession(number, user, new SessionClient(_http, door, $"Bearer {token}", random, _time), World, random, _time);
        await session.SignUpAsync(cancellation);
        return session;
    }
}
