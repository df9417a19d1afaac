namespace Floodgate.Messaging;

/// <summary>Gets rid of what is of no use any more.</summary>
internal static class LostObject
{
    /// <summary>
    /// Disposes in the background. The client waits up to seconds for a broken channel or connection to be closed in good order, while callers
    /// wait to hear that the broker is away.
    /// </summary>
    public static void Dispose(IAsyncDisposable lost) => _ = Task.Run(async () =>
    {
        try
        {
            await lost.DisposeAsync();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // It was broken: that is why it is disposed of.
        }
    });
}
