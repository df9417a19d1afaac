namespace Floodgate.FlushWorker.Consuming;

/// <summary>The commit of a batch failed.</summary>
internal sealed class CommitFailedException(Exception cause) : Exception("The batch could not be committed.", cause)
{
    /// <summary>Why it failed.</summary>
    public Exception Cause => InnerException!;
}
