namespace Floodgate.Problems;

/// <summary>The input is wrong. To an HTTP caller: 400 that names the field.</summary>
public sealed class InvalidInputException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="field">The field of the body, the query or the route, or the header.</param>
    /// <param name="message">What is wrong with it, for the caller to read.</param>
    public InvalidInputException(string field, string message)
        : base(message) => Field = field;

    /// <summary>Creates the error without a field.</summary>
    public InvalidInputException()
        : this("", "The request is not valid.")
    {
    }

    /// <summary>Creates the error without a field.</summary>
    public InvalidInputException(string message)
        : this("", message)
    {
    }

    /// <summary>Creates the error without a field.</summary>
    public InvalidInputException(string message, Exception innerException)
        : base(message, innerException) => Field = "";

    /// <summary>The field that is wrong; empty where it is the request as a whole.</summary>
    public string Field { get; }
}
