namespace Floodgate.Messaging.Counters;

/// <summary>These bytes are no envelope. The message says what is wrong and where.</summary>
public sealed class InvalidEnvelopeException : Exception
{
    /// <summary>Creates the error.</summary>
    public InvalidEnvelopeException()
        : this("These bytes are no envelope.")
    {
    }

    /// <summary>Creates the error.</summary>
    public InvalidEnvelopeException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the error.</summary>
    public InvalidEnvelopeException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
