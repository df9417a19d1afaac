using System.Globalization;
using System.Net;
using System.Text;
using Floodgate.Bench.Counters.Load;
using Floodgate.Bench.Measuring;
using Floodgate.Sessions;
using Npgsql;

namespace Floodgate.Bench.Consistency.Overhead;

/// <summary>
/// Reads posts at TimelineService, with the headers that the router would send, and through the router, with a bearer
/// token and a session token; one after the other, with the same client.
/// </summary>
internal sealed class OverheadRun(ConsistencySystem system, int seed, TimeProvider time)
{
    private const int Rounds = 5;
    private const int Posts = 200;
    private const string PositionSql = "SELECT timeline_id, pg_current_wal_lsn()::text FROM pg_control_checkpoint()";

    private static readonly int[] Connections = [1, 16];
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(2);

    private readonly LoadClient _client = new(time);
    private readonly Random _random = new(seed);

    /// <summary>How many steps of progress it takes.</summary>
    public static int Steps => Connections.Length * (Rounds + 1);

    /// <summary>Runs it.</summary>
    public async Task<IReadOnlyList<OverheadFigures>> RunAsync(Progress progress, CancellationToken cancellation)
    {
        await using var author = new PostWriter(system.Gateway, system.TokenKey, time);
        var posts = await author.WriteAsync(Posts, cancellation);
        var direct = new PostRequests(system.Timeline.Authority, posts, await DirectHeadersAsync(cancellation), _random);
        var routed = new PostRequests(
            system.Gateway.Authority, posts, [$"Authorization: {author.Authorization}\r\nFloodgate-Session: {author.Session}\r\n"], _random);
        var all = Connections.Select(connections => new OverheadFigures(connections)).ToList();
        foreach (var figures in all)
        {
            // The first round compiles hot code anew, and does not count.
            await RoundAsync(direct, routed, figures.Connections, cancellation);
            progress.Add(1);
            for (var round = 0; round < Rounds; round++)
            {
                var (atService, atRouter) = await RoundAsync(direct, routed, figures.Connections, cancellation);
                figures.Add(atService, atRouter);
                progress.Add(1);
            }
        }

        return all;
    }

    private async Task<(LoadResult Direct, LoadResult Routed)> RoundAsync(PostRequests direct, PostRequests routed, int connections, CancellationToken cancellation)
    {
        var (atService, atRouter) = (new LoadResult(), new LoadResult());
        await _client.RunAsync(new IPEndPoint(IPAddress.Loopback, system.Timeline.Port), direct, connections, Length, atService, cancellation);
        await _client.RunAsync(new IPEndPoint(IPAddress.Loopback, system.Gateway.Port), routed, connections, Length, atRouter, cancellation);
        return (atService, atRouter);
    }

    // One set for each replica, as the router spreads reads over them.
    private async Task<IReadOnlyList<string>> DirectHeadersAsync(CancellationToken cancellation)
    {
        await using var connection = await system.Cluster.ConnectAsync(system.Cluster.Primary, cancellation);
        await using var command = new NpgsqlCommand(PositionSql, connection);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        var position = new WalPosition((uint)row.GetInt32(0), Lsn.Parse(row.GetString(1), CultureInfo.InvariantCulture));
        return
        [
            .. system.Cluster.Replicas.Select(replica => new StringBuilder()
                .Append(InternalHeaders.User).Append(": ").Append(PostWriter.User).Append("\r\n")
                .Append(InternalHeaders.Node).Append(": ").Append(replica).Append("\r\n")
                .Append(InternalHeaders.AtLeast).Append(": ").Append(position).Append("\r\n")
                .ToString()),
        ];
    }
}
