using System.Globalization;
using Floodgate.Bench.Cache;
using Floodgate.Bench.Measuring;
using Floodgate.Nodes;
using Floodgate.Sessions;
using Floodgate.TimelineService.HomeTimelines;
using Floodgate.TimelineService.Input;
using StackExchange.Redis;

namespace Floodgate.Bench.Timelines;

/// <summary>
/// What one warm page asks of Redis and PostgreSQL, one after the other. Commands are counted by Redis, statements by the driver's spans, and round trips that follow
/// each other by the time that a page takes longer where everything sent to Redis arrives 20 ms later. Likes are one more call, of CounterService.
/// </summary>
internal sealed class TripsPart(TimelinesSystem system, CoreHost core, RedisProbe redis, Population population, TimeProvider time)
{
    private const int NearPages = 400;
    private const int FarPages = 30;
    private const int MostTrips = 3;
    private static readonly TimeSpan Distance = TimeSpan.FromMilliseconds(20);

    private readonly PageInput _page = new(20, IdInput.End, new NodeRead(CoreHost.Replica, WalPosition.None));

    /// <summary>Counts.</summary>
    public async Task<PartResult> RunAsync(Progress progress, CancellationToken cancellation)
    {
        var result = new PartResult();
        // Few enough that they are not served from memory alone, and read before.
        var readers = population.Readers.Take(NearPages).ToArray();
        await ReadAsync(core, readers, cancellation);
        await ReadAsync(core, readers, cancellation);
        var commandsBefore = await redis.CommandsAsync();
        var sentBefore = Sent(core);
        long statements;
        LatencyHistogram near;
        using (var counting = new StatementCount())
        {
            near = await ReadAsync(core, readers, cancellation);
            statements = counting.Count;
        }

        var sent = (Sent(core) - sentBefore) / (double)readers.Length;
        var commandsAfter = await redis.CommandsAsync();
        progress.Add(1);
        var trips = await RoundTripsAsync(readers, near, cancellation);
        progress.Add(1);

        var run = commandsAfter.Select(pair => (pair.Key, Times: (pair.Value - commandsBefore.GetValueOrDefault(pair.Key)) / (double)readers.Length)).Where(pair => pair.Times >= 0.02)
            .OrderByDescending(pair => pair.Times).Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Times:0.##}"));
        var table = new ReportTable("What a warm page of 20 posts asks for, without likes", "pages", "round trips to Redis", "commands sent", "SQL statements", "median", "commands run by Redis, also for others");
        table.Add(
            readers.Length.ToString(CultureInfo.InvariantCulture), Text(trips), Text(sent), Text(statements / (double)readers.Length), near.Percentile(0.5), string.Join(", ", run));
        result.Tables.Add(table);
        result.Summary.Add(new SummaryLine("round trips of a warm page", Text(trips), $"{Text(sent)} commands", "at most 3", Math.Round(trips) <= MostTrips));
        result.Summary.Add(new SummaryLine("SQL statements of a warm page", Text(statements / (double)readers.Length), "", "0", statements == 0));
        return result;
    }

    private async Task<double> RoundTripsAsync(long[] readers, LatencyHistogram near, CancellationToken cancellation)
    {
        await using var link = new SlowLink(Distance, time);
        var address = system.Servers.Redis.Split(',')[0].Split(':');
        link.LeadTo(address[0], int.Parse(address[1], CultureInfo.InvariantCulture));
        var far = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{link.Port}");
        await using var host = await CoreHost.StartAsync(system.Servers with { Redis = far + system.Servers.Redis[(address[0].Length + 1 + address[1].Length)..] }, time, cancellation);
        var some = readers.Take(FarPages).ToArray();
        // Twice, so that it keeps in memory what is hot.
        await ReadAsync(host, some, cancellation);
        await ReadAsync(host, some, cancellation);
        var pages = await ReadAsync(host, some, cancellation);
        var there = (await PingAsync(host) - await PingAsync(core)).TotalMilliseconds;
        return Math.Max(0, (pages.Percentile(0.5) - near.Percentile(0.5)).TotalMilliseconds / there);
    }

    private async Task<LatencyHistogram> ReadAsync(CoreHost host, IReadOnlyList<long> readers, CancellationToken cancellation)
    {
        var latency = new LatencyHistogram();
        var pages = host.Get<TimelinePages>();
        foreach (var reader in readers)
        {
            var began = time.GetTimestamp();
            await pages.ReadAsync(reader, _page, cancellation);
            latency.Record(time.GetElapsedTime(began));
        }

        return latency;
    }

    private async Task<TimeSpan> PingAsync(CoreHost host)
    {
        var latency = new LatencyHistogram();
        for (var i = 0; i < FarPages; i++)
        {
            var began = time.GetTimestamp();
            await host.Get<IConnectionMultiplexer>().GetDatabase().PingAsync();
            latency.Record(time.GetElapsedTime(began));
        }

        return latency.Percentile(0.5);
    }

    private static long Sent(CoreHost host) => host.Get<IConnectionMultiplexer>().GetCounters().Interactive.OperationCount;

    private static string Text(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);
}
