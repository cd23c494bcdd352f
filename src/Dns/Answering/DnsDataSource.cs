namespace OrleansCdn.Dns.Answering;

/// <summary>The one reference through which answers are changed: whoever sets it is seen by the next query of every thread.</summary>
public sealed class DnsDataSource(DnsData first)
{
    private volatile DnsData _current = first;

    public DnsData Current
    {
        get => _current;
        set => _current = value;
    }
}
