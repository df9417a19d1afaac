using Floodgate.TimelineService.HomeTimelines;

namespace Floodgate.UnitTests.Timelines;

public sealed class PushLanesTests
{
    private readonly TaskCompletionSource _first = new();

    [Fact]
    public async Task Where_Redis_hangs_who_waits_is_told_at_once()
    {
        var lanes = new PushLanes(async (_, _) =>
        {
            await _first.Task;
            throw new TimeoutException();
        });
        Task<int>[] pushes = [.. Enumerable.Range(0, 3).Select(i => lanes.PushAsync([i * TimelineKeys.Buckets], [i]))];
        _first.SetResult();

        foreach (var push in pushes)
        {
            await Assert.ThrowsAsync<TimeoutException>(() => push);
        }
    }
}
