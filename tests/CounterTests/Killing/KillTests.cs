using Floodgate.CounterTests.Running;

namespace Floodgate.CounterTests.Killing;

public sealed class KillTests(Servers servers)
{
    private const int Users = 60;

    [Fact]
    public async Task Killing_FlushWorker_under_load_loses_and_doubles_no_acknowledged_like()
    {
        await using var counter = await ServiceProcess.StartCounterAsync(servers);
        await using var flush = await ServiceProcess.StartFlushAsync(servers);
        long[] posts = [170, 171, 172];
        var load = new LikeLoad([counter.Http], Users, firstUser: 100_000, posts);
        await using var witness = await StallWitness.StartAsync(servers);

        await UnderLoadAsync(load, async () =>
        {
            await flush.KillAsync();
            await flush.StartAsync();
        });

        // A broker that stands still is no FlushWorker that died.
        Assert.DoesNotContain(load.Refusals, refusal => !witness.Explains(refusal));
        await CheckAsync(load, counter.Http, posts);
    }

    [Fact]
    public async Task Killing_CounterService_under_load_loses_and_doubles_no_acknowledged_like()
    {
        await using var first = await ServiceProcess.StartCounterAsync(servers);
        await using var second = await ServiceProcess.StartCounterAsync(servers);
        await using var flush = await ServiceProcess.StartFlushAsync(servers);
        long[] posts = [173, 174, 175];
        var load = new LikeLoad([first.Http, second.Http], Users, firstUser: 200_000, posts);

        await UnderLoadAsync(load, async () =>
        {
            await first.KillAsync();
            await first.StartAsync();
        });

        Assert.NotEmpty(load.Refusals);
        await CheckAsync(load, second.Http, posts);
    }

    [Theory]
    [InlineData("rabbitmq", 300_000)]
    [InlineData("redis", 400_000)]
    [InlineData("postgres", 500_000)]
    public async Task A_server_that_goes_and_comes_back_under_load_costs_no_acknowledged_like(string server, long firstUser)
    {
        await using var counter = await ServiceProcess.StartCounterAsync(servers);
        await using var flush = await ServiceProcess.StartFlushAsync(servers);
        long[] posts = [176, 177, 178];
        var load = new LikeLoad([counter.Http], Users, firstUser, posts);

        await UnderLoadAsync(load, () => servers.RestartAsync(server), times: 1);

        await CheckAsync(load, counter.Http, posts);
    }

    private static async Task UnderLoadAsync(LikeLoad load, Func<Task> kill, int times = 3)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = load.RunAsync(stop.Token);
        for (var i = 1; i <= times; i++)
        {
            var enough = load.Acknowledged + 1000;
            await Wait.UntilAsync(() => Task.FromResult(load.Acknowledged >= enough), "likes go on");
            await kill();
        }

        // And then it goes on as before.
        var more = load.Acknowledged + 500;
        await Wait.UntilAsync(() => Task.FromResult(load.Acknowledged >= more), "likes go on afterwards");
        await stop.CancelAsync();
        await running;
    }

    private async Task CheckAsync(LikeLoad load, HttpClient http, long[] posts)
    {
        await http.DrainAsync();
        await Wait.UntilAsync(() => servers.AnswersAsync("postgres"), "PostgreSQL answers");
        await load.CheckAsync(servers);
        foreach (var post in posts)
        {
            var (reactions, slots, visible) = await http.LikesAsync(post);
            Assert.Equal(reactions, slots);
            Assert.Equal(reactions, visible);
        }
    }
}
