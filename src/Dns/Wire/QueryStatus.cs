namespace OrleansCdn.Dns.Wire;

/// <summary>What a packet is, before anything is looked up for it.</summary>
public enum QueryStatus
{
    /// <summary>One question, to be answered.</summary>
    Ok,

    /// <summary>No answer at all: shorter than a header, or itself a response (a loop between servers otherwise).</summary>
    Ignored,

    /// <summary>Breaks the format of RFC 1035 §4.1 or of an option.</summary>
    Malformed,

    /// <summary>No question; RFC 7873 §5.4 has it for asking for a cookie alone.</summary>
    CookieOnly,

    /// <summary>An opcode other than QUERY.</summary>
    OtherOpcode,

    /// <summary>RFC 6891 §6.1.3: a version above 0; nothing else of its OPT is read.</summary>
    BadVersion,
}
