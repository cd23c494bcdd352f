namespace Orleans.Serialization;

/// <summary>A payload type of a grain interface has no way to cross a call.</summary>
public sealed class CodecNotFoundException : Exception
{
    public CodecNotFoundException(string message)
        : base(message)
    {
    }

    public CodecNotFoundException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
