namespace Floodgate.CounterTests.Running;

/// <summary>Waits for a condition.</summary>
internal static class Wait
{
    public static async Task UntilAsync(Func<Task<bool>> condition, string what, int seconds = 30)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(seconds));
        while (!await condition())
        {
            try
            {
                await Task.Delay(TimeSpan.FromMilliseconds(25), limit.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"Within {seconds} s it did not come to this: {what}.");
            }
        }
    }
}
