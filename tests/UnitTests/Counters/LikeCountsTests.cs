using Floodgate.Messaging.Counters;
using Floodgate.Redis;
using Floodgate.Redis.Tracking;
using Floodgate.UnitTests.Redis.Tracking;
using Floodgate.VisibleValues;
using Floodgate.VisibleValues.Likes;
using StackExchange.Redis;

namespace Floodgate.UnitTests.Counters;

public sealed class LikeCountsTests : IAsyncDisposable
{
    private const long FromRedis = 99;

    private readonly ManualClock _clock = new();
    private readonly TrackingServer _server = new();
    private readonly RedisGeneration _generation;
    private readonly LikeCounts _counts;

    public LikeCountsTests()
    {
        _generation = new RedisGeneration(_clock);
        _generation.SetRun("", losses: 0);
        _generation.SetEpoch(3, losses: 0);
        var metrics = new TrackedMetrics(new NoMeters());
        var kind = new TrackedKind<long, LikeCount>(new LikeCountCodec(), 1000, metrics);
        _ = new TrackedSession(_server.Connection, [kind], new TrackedSettings(_clock, IsOn: true, TimeSpan.FromSeconds(1)), metrics).RunAsync(CancellationToken.None);
        _counts = new LikeCounts(new Reads(), kind, _generation);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("3:", 5L)]
    [InlineData("4:", 5L)]
    [InlineData("2:", null)]
    [InlineData("3:another", null)]
    public async Task What_is_kept_is_shown_if_its_generation_is_believed(string generation, long? shown)
    {
        var read = ReadAsync(generation, () => { });

        Assert.Equal([shown], await read);
    }

    [Fact]
    public async Task What_is_kept_of_another_run_than_others_speak_to_is_read_there()
    {
        Assert.Equal([FromRedis], await ReadAsync("3:", () => _generation.SetRun("another", losses: 0)));
    }

    [Fact]
    public async Task Where_the_connection_of_the_others_was_lost_meanwhile_Redis_is_asked()
    {
        Assert.Equal([FromRedis], await ReadAsync("3:", () =>
        {
            _generation.LoseRun();
            _generation.SetRun("", losses: 1);
        }));
    }

    [Fact]
    public async Task What_goes_with_other_commands_is_asked_of_Redis() => Assert.Equal([FromRedis], await _counts.ReadAsync([1], System.Reflection.DispatchProxy.Create<IDatabaseAsync, Unasked>()));

    private async Task<IReadOnlyList<long?>> ReadAsync(string generation, Action meanwhile)
    {
        var reading = _counts.ReadAsync([1]);
        Assert.Equal("MGET ctv:{@likes/1}", await _server.CommandAsync());
        meanwhile();
        await _server.SayAsync(TrackingServer.Values($"{generation}|5"));
        return await reading;
    }

    public class Unasked : System.Reflection.DispatchProxy
    {
        protected override object? Invoke(System.Reflection.MethodInfo? targetMethod, object?[]? args) => null;
    }

    private sealed class Reads : IVisibleReads
    {
        public Task<IReadOnlyList<long?>> ReadAsync(IReadOnlyList<CounterId> counters, IDatabaseAsync? batch = null) =>
            Task.FromResult<IReadOnlyList<long?>>([.. counters.Select(_ => (long?)FromRedis)]);
    }
}
