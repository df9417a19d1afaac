using Floodgate.Messaging;
using Floodgate.Nodes;
using Floodgate.Sessions;
using Floodgate.TimelineService;
using Floodgate.TimelineService.FanOut;
using Floodgate.TimelineService.Oracle;
using Floodgate.UnitTests;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Floodgate.TimelineTests;

/// <summary>Jobs that are entered as open and that nobody will do: nothing would ever be drained.</summary>
public sealed class OpenJobsTests(Servers servers)
{
    private readonly ManualClock _clock = new();

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_that_is_in_no_queue_and_in_no_hand_is_taken_out_and_one_that_was_put_back_is_not()
    {
        await using var instance = await DrainedAsync();
        var (jobs, watch) = Watch(instance);
        var (lost, putBack) = (Job(), Job());
        await jobs.OpenAsync([lost]);
        _clock.Advance(TimeSpan.FromMinutes(2));
        await watch.LookAsync(Patience);
        await jobs.OpenAsync([putBack]);

        // It might still be in hand.
        _clock.Advance(TimeSpan.FromMinutes(5));
        await watch.LookAsync(Patience);
        Assert.Equal(2, await jobs.CountAsync());

        _clock.Advance(TimeSpan.FromMinutes(1));
        await watch.LookAsync(Patience);
        Assert.Equal(putBack.Names.Single(), Assert.Single(await instance.OpenJobsAsync()));

        _clock.Advance(TimeSpan.FromMinutes(3));
        await jobs.OpenAsync([putBack]);
        _clock.Advance(TimeSpan.FromMinutes(3));
        await watch.LookAsync(Patience);
        Assert.Equal(putBack.Names.Single(), Assert.Single(await instance.OpenJobsAsync()));

        _clock.Advance(TimeSpan.FromMinutes(6));
        await watch.LookAsync(Patience);
        Assert.Empty(await instance.OpenJobsAsync());
    }

    [Fact]
    public async Task A_job_that_waits_in_a_queue_stays_open_however_long_that_takes()
    {
        await using var instance = await DrainedAsync();
        var (jobs, watch) = Watch(instance);
        var job = Job();
        await jobs.OpenAsync([job]);
        await instance.Get<FanOutPublisher>().PublishAsync(QueueTopology.FanOutSmall, job, Patience);
        for (var look = 0; look < 20; look++)
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            await watch.LookAsync(Patience);
        }

        Assert.Equal(job.Names.Single(), Assert.Single(await instance.OpenJobsAsync()));
        await (await DrainedAsync()).DisposeAsync();
        Assert.Empty(await instance.OpenJobsAsync());
    }

    // An instance that neither relays nor consumes, with nothing left to do.
    private async Task<TimelineInstance> DrainedAsync()
    {
        await using (var working = await TimelineInstance.StartAsync(servers))
        {
            await working.DrainAsync();
        }

        return await TimelineInstance.StartAsync(servers, works: false);
    }

    // Nobody is the author, so that there is nothing to push.
    private FanOutJob Job() => new(servers.NewUser(), servers.NewUser(), WalPosition.None, After: 0);

    private (OpenJobs Jobs, OpenJobsWatch Watch) Watch(TimelineInstance instance)
    {
        var jobs = new OpenJobs(instance.Get<RedisGate>(), _clock);
        return (jobs, new OpenJobsWatch(
            jobs, instance.Get<BacklogProbe>(), instance.Get<SchemaMigration>(), instance.Get<TimelineMetrics>(), instance.Get<IOptions<TimelineOptions>>(), _clock,
            NullLogger<OpenJobsWatch>.Instance));
    }
}
