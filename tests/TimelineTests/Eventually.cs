namespace Floodgate.TimelineTests;

/// <summary>Waits for conditions.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static async Task BecomesAsync(Func<Task<bool>> condition, TimeSpan? pause = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        while (!await condition())
        {
            Assert.False(limit.IsCancellationRequested, $"The condition did not become true within {Patience}.");
            await Task.Delay(pause ?? Pause, TestContext.Current.CancellationToken);
        }
    }
}
