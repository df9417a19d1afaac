using System.Net;
using Floodgate.CounterTests.Running;

namespace Floodgate.CounterTests.Outages;

/// <summary>A broker that takes nothing: each write is told so within a second, and it goes on by itself afterwards.</summary>
public sealed class BrokerOutageTests(Servers servers)
{
    private const int Callers = 32;
    private const int CallsOfEach = 3;
    private const int Post = 140;

    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenTrickles = TimeSpan.FromMilliseconds(10);

    private readonly BrokerNode _broker = new(servers);

    [Fact]
    public Task A_broker_in_alarm_gets_503_within_a_second_and_nothing_is_acknowledged() =>
        RefusesAsync(610_000, _broker.RaiseMemoryAlarmAsync, _broker.EndMemoryAlarmAsync);

    [Fact]
    public Task A_broker_whose_disk_is_full_gets_503_within_a_second_and_nothing_is_acknowledged() =>
        RefusesAsync(620_000, _broker.RaiseDiskAlarmAsync, _broker.EndDiskAlarmAsync);

    [Fact]
    public Task A_broker_that_hangs_gets_503_within_a_second_and_nothing_is_acknowledged() =>
        RefusesAsync(630_000, _broker.FreezeAsync, _broker.ThawAsync);

    // It comes back by itself, and needs seconds for it.
    [Fact]
    public Task A_broker_that_was_killed_gets_503_within_a_second_and_nothing_is_acknowledged() =>
        RefusesAsync(640_000, () => servers.KillAsync("rabbitmq"), () => Task.CompletedTask);

    // Writes that come one by one fill the envelopes in flight of their partition, and what comes then must not wait for them.
    [Fact]
    public async Task Writes_that_trickle_in_while_the_broker_hangs_get_503_within_a_second_each()
    {
        await using var counter = await ServiceProcess.StartCounterAsync(servers);
        var path = $"test/{Guid.NewGuid():N}";
        await Wait.UntilAsync(async () => (await TimedAnswer.OfAsync(() => counter.Http.AddAsync(7, path, 1))).Status == HttpStatusCode.Accepted, "writes are acknowledged");

        TimedAnswer[] answers;
        await _broker.FreezeAsync();
        try
        {
            // The pauses pace the load.
            answers = await Task.WhenAll(Enumerable.Range(0, Callers * CallsOfEach).Select(async i =>
            {
                await Task.Delay(i * BetweenTrickles, TimeProvider.System, TestContext.Current.CancellationToken);
                return await TimedAnswer.OfAsync(() => counter.Http.AddAsync(7, path, 1));
            }));
        }
        finally
        {
            await _broker.ThawAsync();
        }

        Assert.All(answers, Refused);
    }

    private static void Refused(TimedAnswer answer)
    {
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
        Assert.True(answer.SaysWhenToRetry);
        Assert.InRange(answer.Took, TimeSpan.Zero, AtOnce);
    }

    private async Task RefusesAsync(long firstUser, Func<Task> begin, Func<Task> end)
    {
        await using var counter = await ServiceProcess.StartCounterAsync(servers);
        await using var flush = await ServiceProcess.StartFlushAsync(servers);
        var http = counter.Http;
        var key = Guid.NewGuid().ToString("N");
        var (acknowledged, refused) = (new HashSet<long>(), new HashSet<long>());
        var user = firstUser;
        await Wait.UntilAsync(() => TakesAsync(), "writes are acknowledged");

        TimedAnswer[] likes, additions;
        await begin();
        try
        {
            // An alarm takes effect a moment after it was asked for.
            await Wait.UntilAsync(async () => !await TakesAsync(), "writes are refused");
            var first = user;
            likes = await CallAsync(i => http.LikeAsync(first + i, Post));
            refused.UnionWith(Enumerable.Range(0, likes.Length).Select(i => first + i));
            user += likes.Length;
            additions = await CallAsync(i => http.AddAsync(firstUser, $"test/{key}", 1));
        }
        finally
        {
            await end();
        }

        Assert.All(likes.Concat(additions), Refused);
        await Wait.UntilAsync(() => TakesAsync(), "writes are acknowledged again", seconds: 60);
        await http.DrainAsync();
        var likers = await LikersAsync(firstUser, user);
        Assert.Subset(acknowledged.Union(refused).ToHashSet(), likers);
        Assert.Superset(acknowledged, likers);
        var counted = (await http.GetJsonAsync($"/counters/test?keys={key}")).GetProperty(key).GetInt64();
        Assert.InRange(counted, 0, additions.Length);
        var (reactions, slots, visible) = await http.LikesAsync(Post);
        Assert.Equal((reactions, reactions), (slots, visible));

        // Writes a like of its own, and enters what became of it.
        async Task<bool> TakesAsync()
        {
            var caller = user++;
            var answer = await TimedAnswer.OfAsync(() => http.LikeAsync(caller, Post));
            Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{answer.Status}");
            (answer.Status == HttpStatusCode.OK ? acknowledged : refused).Add(caller);
            return answer.Status == HttpStatusCode.OK;
        }
    }

    // Each caller calls again as soon as it has its answer, so the calls do not come in step.
    private static async Task<TimedAnswer[]> CallAsync(Func<int, Task<HttpResponseMessage>> call)
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
        {
            var own = new List<TimedAnswer>();
            for (var i = 0; i < CallsOfEach; i++)
            {
                var number = (caller * CallsOfEach) + i;
                own.Add(await TimedAnswer.OfAsync(() => call(number)));
            }

            return own;
        }));
        return [.. answers.SelectMany(own => own)];
    }

    private async Task<HashSet<long>> LikersAsync(long from, long to)
    {
        await using var command = servers.Postgres.CreateCommand("SELECT user_id FROM reactions WHERE post_id = $1 AND liked AND user_id >= $2 AND user_id < $3");
        command.Parameters.Add(new() { Value = (long)Post });
        command.Parameters.Add(new() { Value = from });
        command.Parameters.Add(new() { Value = to });
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var likers = new HashSet<long>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            likers.Add(reader.GetInt64(0));
        }

        return likers;
    }
}
