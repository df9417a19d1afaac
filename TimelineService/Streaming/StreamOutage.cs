namespace Floodgate.TimelineService.Streaming;

/// <summary>Says once that streams cannot look for news, and once that they can again, however many there are. Safe for concurrent use.</summary>
internal sealed class StreamOutage(TimeProvider time, ILogger<StreamOutage> logger)
{
    // Streams may fail on one node and succeed on another: that is one outage, not many.
    private static readonly TimeSpan Over = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private volatile bool _isOn;
    private long _failedAt;

    public void Failed(Exception exception)
    {
        lock (_lock)
        {
            _failedAt = time.GetTimestamp();
            if (!_isOn)
            {
                _isOn = true;
                Log.StreamsWithoutNews(logger, exception.Message, exception);
            }
        }
    }

    public void Succeeded()
    {
        if (!_isOn)
        {
            return;
        }

        lock (_lock)
        {
            if (_isOn && time.GetElapsedTime(_failedAt) >= Over)
            {
                _isOn = false;
                Log.StreamsGoOn(logger);
            }
        }
    }
}
