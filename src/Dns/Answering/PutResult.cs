namespace OrleansCdn.Dns.Answering;

/// <summary>What became of a record set on its way into an answer.</summary>
internal enum PutResult
{
    Written,

    /// <summary>It does not fit with its signatures; nothing of it stands.</summary>
    NoRoom,

    /// <summary>It has to be signed and was not; the answer is SERVFAIL.</summary>
    NoSignature,
}
